# Troupe's one grammar. Entry points: `expression` (condition fields), `text` (text fields), `template` (bodies).
#
# An expression is read as a row of operands and operators; `precedence.ts` has the one table of levels that makes a tree of it.
# A ladder of a dozen rules, one per level, says the same but makes every operand climb it.
#
# No rule may leave the parser a choice that one token ahead does not settle: `npm run generate` tells where one does.
@preprocessor typescript
@{%
import { tokens } from "./lexer.ts";
import * as make from "./build.ts";
%}
@lexer tokens

# --- operators
expression -> row                             {% id %}
            | row %kIf row %kElse expression  {% make.choice %}
row -> operand                                {% make.row %}
     | row %kBinary operand                   {% make.binary %}
     | row %kTest                             {% make.test %}
operand -> filtered                           {% id %}
         | %kUnary operand                    {% make.unary %}
filtered -> value                             {% id %}
          | filtered %kPipe %kPath            {% make.filter %}
          | filtered %kPipe %kCall arguments %kClose {% make.filter %}

# --- values
value -> %kPath                               {% make.path %}
       | %kLiteral                            {% make.literal %}
       | %kString                             {% make.string %}
       | value %kMember                       {% make.member %}
       | value %kOpenList subscript %kCloseList {% make.subscript %}
       | %kCall arguments %kClose             {% make.call %}
       | %kOpen expression %kClose            {% make.group %}
       | %kOpenList items %kCloseList         {% make.list %}
       | %kOpenMap entries %kCloseMap         {% make.map %}
subscript -> expression                       {% id %}
           | %kColon                          {% make.slice %}
           | expression %kColon               {% make.slice %}
           | %kColon expression               {% make.slice %}
           | expression %kColon expression    {% make.slice %}
items -> null                                 {% make.none %}
       | someItems                            {% id %}
       | someItems %kComma                    {% id %}
someItems -> expression                       {% make.first %}
           | someItems %kComma expression     {% make.next %}
entries -> null                               {% make.none %}
         | someEntries                        {% id %}
         | someEntries %kComma                {% id %}
someEntries -> entry                          {% make.first %}
             | someEntries %kComma entry      {% make.next %}
entry -> %kString %kColon expression          {% make.entry %}
arguments -> null                             {% make.none %}
           | someArguments                    {% id %}
someArguments -> argument                     {% make.first %}
               | someArguments %kComma argument {% make.next %}
argument -> expression                        {% id %}
          | %kPath %kAssign expression        {% make.named %}

# --- text fields: characters and outputs
text -> null                                  {% make.none %}
      | text %kChars                          {% make.chars %}
      | text output                           {% make.after %}
output -> %kOpenOutput expression %kCloseOutput       {% make.output %}
        | %kOpenOutput expression %kRaw %kCloseOutput {% make.output %}

# --- templates
template -> null                              {% make.none %}
          | template %kChars                  {% make.chars %}
          | template output                   {% make.after %}
          | template conditional              {% make.after %}
          | template loop                     {% make.after %}
          | template assignment               {% make.after %}
conditional -> branches %kTagEndif %kCloseTag {% make.conditional %}
             | branches %kTagElse %kCloseTag template %kTagEndif %kCloseTag {% make.conditional %}
branches -> %kTagIf expression %kCloseTag template            {% make.firstBranch %}
          | branches %kTagElif expression %kCloseTag template {% make.nextBranch %}
loop -> loopHead template %kTagEndfor %kCloseTag {% make.loop %}
      | loopHead template %kTagElse %kCloseTag template %kTagEndfor %kCloseTag {% make.loop %}
loopHead -> %kTagFor row %kCloseTag           {% make.loopHead %}
          | %kTagFor row %kIf expression %kCloseTag {% make.loopHead %}
assignment -> %kTagSet expression %kCloseTag  {% make.assignment %}
