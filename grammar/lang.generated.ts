// @ts-nocheck
// Generated automatically by nearley, version 2.20.1
// http://github.com/Hardmath123/nearley
// Bypasses TS6133. Allow declared but unused functions.
// @ts-ignore
function id(d: any[]): any { return d[0]; }
declare var kIf: any;
declare var kElse: any;
declare var kBinary: any;
declare var kTest: any;
declare var kUnary: any;
declare var kPipe: any;
declare var kPath: any;
declare var kCall: any;
declare var kClose: any;
declare var kLiteral: any;
declare var kString: any;
declare var kMember: any;
declare var kOpenList: any;
declare var kCloseList: any;
declare var kOpen: any;
declare var kOpenMap: any;
declare var kCloseMap: any;
declare var kColon: any;
declare var kComma: any;
declare var kAssign: any;
declare var kChars: any;
declare var kOpenOutput: any;
declare var kCloseOutput: any;
declare var kRaw: any;
declare var kTagEndif: any;
declare var kCloseTag: any;
declare var kTagElse: any;
declare var kTagIf: any;
declare var kTagElif: any;
declare var kTagEndfor: any;
declare var kTagFor: any;
declare var kTagSet: any;

import { tokens } from "./lexer.ts";
import * as make from "./build.ts";

interface NearleyToken {
  value: any;
  [key: string]: any;
};

interface NearleyLexer {
  reset: (chunk: string, info: any) => void;
  next: () => NearleyToken | undefined;
  save: () => any;
  formatError: (token: never) => string;
  has: (tokenType: string) => boolean;
};

interface NearleyRule {
  name: string;
  symbols: NearleySymbol[];
  postprocess?: (d: any[], loc?: number, reject?: {}) => any;
};

type NearleySymbol = string | { literal: any } | { test: (token: any) => boolean };

interface Grammar {
  Lexer: NearleyLexer | undefined;
  ParserRules: NearleyRule[];
  ParserStart: string;
};

const grammar: Grammar = {
  Lexer: tokens,
  ParserRules: [
    {"name": "expression", "symbols": ["row"], "postprocess": id},
    {"name": "expression", "symbols": ["row", (tokens.has("kIf") ? {type: "kIf"} : kIf), "row", (tokens.has("kElse") ? {type: "kElse"} : kElse), "expression"], "postprocess": make.choice},
    {"name": "row", "symbols": ["operand"], "postprocess": make.row},
    {"name": "row", "symbols": ["row", (tokens.has("kBinary") ? {type: "kBinary"} : kBinary), "operand"], "postprocess": make.binary},
    {"name": "row", "symbols": ["row", (tokens.has("kTest") ? {type: "kTest"} : kTest)], "postprocess": make.test},
    {"name": "operand", "symbols": ["filtered"], "postprocess": id},
    {"name": "operand", "symbols": [(tokens.has("kUnary") ? {type: "kUnary"} : kUnary), "operand"], "postprocess": make.unary},
    {"name": "filtered", "symbols": ["value"], "postprocess": id},
    {"name": "filtered", "symbols": ["filtered", (tokens.has("kPipe") ? {type: "kPipe"} : kPipe), (tokens.has("kPath") ? {type: "kPath"} : kPath)], "postprocess": make.filter},
    {"name": "filtered", "symbols": ["filtered", (tokens.has("kPipe") ? {type: "kPipe"} : kPipe), (tokens.has("kCall") ? {type: "kCall"} : kCall), "arguments", (tokens.has("kClose") ? {type: "kClose"} : kClose)], "postprocess": make.filter},
    {"name": "value", "symbols": [(tokens.has("kPath") ? {type: "kPath"} : kPath)], "postprocess": make.path},
    {"name": "value", "symbols": [(tokens.has("kLiteral") ? {type: "kLiteral"} : kLiteral)], "postprocess": make.literal},
    {"name": "value", "symbols": [(tokens.has("kString") ? {type: "kString"} : kString)], "postprocess": make.string},
    {"name": "value", "symbols": ["value", (tokens.has("kMember") ? {type: "kMember"} : kMember)], "postprocess": make.member},
    {"name": "value", "symbols": ["value", (tokens.has("kOpenList") ? {type: "kOpenList"} : kOpenList), "subscript", (tokens.has("kCloseList") ? {type: "kCloseList"} : kCloseList)], "postprocess": make.subscript},
    {"name": "value", "symbols": [(tokens.has("kCall") ? {type: "kCall"} : kCall), "arguments", (tokens.has("kClose") ? {type: "kClose"} : kClose)], "postprocess": make.call},
    {"name": "value", "symbols": [(tokens.has("kOpen") ? {type: "kOpen"} : kOpen), "expression", (tokens.has("kClose") ? {type: "kClose"} : kClose)], "postprocess": make.group},
    {"name": "value", "symbols": [(tokens.has("kOpenList") ? {type: "kOpenList"} : kOpenList), "items", (tokens.has("kCloseList") ? {type: "kCloseList"} : kCloseList)], "postprocess": make.list},
    {"name": "value", "symbols": [(tokens.has("kOpenMap") ? {type: "kOpenMap"} : kOpenMap), "entries", (tokens.has("kCloseMap") ? {type: "kCloseMap"} : kCloseMap)], "postprocess": make.map},
    {"name": "subscript", "symbols": ["expression"], "postprocess": id},
    {"name": "subscript", "symbols": [(tokens.has("kColon") ? {type: "kColon"} : kColon)], "postprocess": make.slice},
    {"name": "subscript", "symbols": ["expression", (tokens.has("kColon") ? {type: "kColon"} : kColon)], "postprocess": make.slice},
    {"name": "subscript", "symbols": [(tokens.has("kColon") ? {type: "kColon"} : kColon), "expression"], "postprocess": make.slice},
    {"name": "subscript", "symbols": ["expression", (tokens.has("kColon") ? {type: "kColon"} : kColon), "expression"], "postprocess": make.slice},
    {"name": "items", "symbols": [], "postprocess": make.none},
    {"name": "items", "symbols": ["someItems"], "postprocess": id},
    {"name": "items", "symbols": ["someItems", (tokens.has("kComma") ? {type: "kComma"} : kComma)], "postprocess": id},
    {"name": "someItems", "symbols": ["expression"], "postprocess": make.first},
    {"name": "someItems", "symbols": ["someItems", (tokens.has("kComma") ? {type: "kComma"} : kComma), "expression"], "postprocess": make.next},
    {"name": "entries", "symbols": [], "postprocess": make.none},
    {"name": "entries", "symbols": ["someEntries"], "postprocess": id},
    {"name": "entries", "symbols": ["someEntries", (tokens.has("kComma") ? {type: "kComma"} : kComma)], "postprocess": id},
    {"name": "someEntries", "symbols": ["entry"], "postprocess": make.first},
    {"name": "someEntries", "symbols": ["someEntries", (tokens.has("kComma") ? {type: "kComma"} : kComma), "entry"], "postprocess": make.next},
    {"name": "entry", "symbols": [(tokens.has("kString") ? {type: "kString"} : kString), (tokens.has("kColon") ? {type: "kColon"} : kColon), "expression"], "postprocess": make.entry},
    {"name": "arguments", "symbols": [], "postprocess": make.none},
    {"name": "arguments", "symbols": ["someArguments"], "postprocess": id},
    {"name": "someArguments", "symbols": ["argument"], "postprocess": make.first},
    {"name": "someArguments", "symbols": ["someArguments", (tokens.has("kComma") ? {type: "kComma"} : kComma), "argument"], "postprocess": make.next},
    {"name": "argument", "symbols": ["expression"], "postprocess": id},
    {"name": "argument", "symbols": [(tokens.has("kPath") ? {type: "kPath"} : kPath), (tokens.has("kAssign") ? {type: "kAssign"} : kAssign), "expression"], "postprocess": make.named},
    {"name": "text", "symbols": [], "postprocess": make.none},
    {"name": "text", "symbols": ["text", (tokens.has("kChars") ? {type: "kChars"} : kChars)], "postprocess": make.chars},
    {"name": "text", "symbols": ["text", "output"], "postprocess": make.after},
    {"name": "output", "symbols": [(tokens.has("kOpenOutput") ? {type: "kOpenOutput"} : kOpenOutput), "expression", (tokens.has("kCloseOutput") ? {type: "kCloseOutput"} : kCloseOutput)], "postprocess": make.output},
    {"name": "output", "symbols": [(tokens.has("kOpenOutput") ? {type: "kOpenOutput"} : kOpenOutput), "expression", (tokens.has("kRaw") ? {type: "kRaw"} : kRaw), (tokens.has("kCloseOutput") ? {type: "kCloseOutput"} : kCloseOutput)], "postprocess": make.output},
    {"name": "template", "symbols": [], "postprocess": make.none},
    {"name": "template", "symbols": ["template", (tokens.has("kChars") ? {type: "kChars"} : kChars)], "postprocess": make.chars},
    {"name": "template", "symbols": ["template", "output"], "postprocess": make.after},
    {"name": "template", "symbols": ["template", "conditional"], "postprocess": make.after},
    {"name": "template", "symbols": ["template", "loop"], "postprocess": make.after},
    {"name": "template", "symbols": ["template", "assignment"], "postprocess": make.after},
    {"name": "conditional", "symbols": ["branches", (tokens.has("kTagEndif") ? {type: "kTagEndif"} : kTagEndif), (tokens.has("kCloseTag") ? {type: "kCloseTag"} : kCloseTag)], "postprocess": make.conditional},
    {"name": "conditional", "symbols": ["branches", (tokens.has("kTagElse") ? {type: "kTagElse"} : kTagElse), (tokens.has("kCloseTag") ? {type: "kCloseTag"} : kCloseTag), "template", (tokens.has("kTagEndif") ? {type: "kTagEndif"} : kTagEndif), (tokens.has("kCloseTag") ? {type: "kCloseTag"} : kCloseTag)], "postprocess": make.conditional},
    {"name": "branches", "symbols": [(tokens.has("kTagIf") ? {type: "kTagIf"} : kTagIf), "expression", (tokens.has("kCloseTag") ? {type: "kCloseTag"} : kCloseTag), "template"], "postprocess": make.firstBranch},
    {"name": "branches", "symbols": ["branches", (tokens.has("kTagElif") ? {type: "kTagElif"} : kTagElif), "expression", (tokens.has("kCloseTag") ? {type: "kCloseTag"} : kCloseTag), "template"], "postprocess": make.nextBranch},
    {"name": "loop", "symbols": ["loopHead", "template", (tokens.has("kTagEndfor") ? {type: "kTagEndfor"} : kTagEndfor), (tokens.has("kCloseTag") ? {type: "kCloseTag"} : kCloseTag)], "postprocess": make.loop},
    {"name": "loop", "symbols": ["loopHead", "template", (tokens.has("kTagElse") ? {type: "kTagElse"} : kTagElse), (tokens.has("kCloseTag") ? {type: "kCloseTag"} : kCloseTag), "template", (tokens.has("kTagEndfor") ? {type: "kTagEndfor"} : kTagEndfor), (tokens.has("kCloseTag") ? {type: "kCloseTag"} : kCloseTag)], "postprocess": make.loop},
    {"name": "loopHead", "symbols": [(tokens.has("kTagFor") ? {type: "kTagFor"} : kTagFor), "row", (tokens.has("kCloseTag") ? {type: "kCloseTag"} : kCloseTag)], "postprocess": make.loopHead},
    {"name": "loopHead", "symbols": [(tokens.has("kTagFor") ? {type: "kTagFor"} : kTagFor), "row", (tokens.has("kIf") ? {type: "kIf"} : kIf), "expression", (tokens.has("kCloseTag") ? {type: "kCloseTag"} : kCloseTag)], "postprocess": make.loopHead},
    {"name": "assignment", "symbols": [(tokens.has("kTagSet") ? {type: "kTagSet"} : kTagSet), "expression", (tokens.has("kCloseTag") ? {type: "kCloseTag"} : kCloseTag)], "postprocess": make.assignment}
  ],
  ParserStart: "expression",
};

export default grammar;
