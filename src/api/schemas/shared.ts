/** What the shapes of requests and answers are made of. Requests are judged by them, unknown names and all (S-33); answers are described. */
import { type TSchema, Type } from "typebox";

export const strict = { additionalProperties: false } as const;
export const json = Type.Unknown({ description: "Any JSON." });
export const object = Type.Record(Type.String(), Type.Unknown());
export const count = Type.Integer({ minimum: 0 });
export const usd = Type.Number({ minimum: 0, description: "US dollars." });
export const at = Type.Integer({ description: "Epoch milliseconds." });

export const nullable = <TOf extends TSchema>(of: TOf) => Type.Union([of, Type.Null()]);
export const time = nullable(at);
export const milliseconds = nullable(Type.Number({ description: "Milliseconds." }));
export const textOrNull = nullable(Type.String());
export const text = (description: string, maxLength = 200) => Type.String({ minLength: 1, maxLength, description });
/** A number of a query, which is text. */
export const digits = (description: string, max = 15) => Type.String({ pattern: `^[0-9]{1,${max}}$`, description });
export const pageSize = (fallback: number) =>
  Type.String({ pattern: "^([1-9]|[1-9][0-9]|[1-4][0-9]{2}|500)$", description: "Items a page, 1 to 500.", default: String(fallback) });

export const next = Type.Union([Type.String(), Type.Null()], { description: "`cursor` of the next page; null for none." });

/** Components of the document by name: what several routes answer stands in it once. */
export const components: TSchema[] = [];

/** Its type is said by hand, since the contract has it; tests hold answers against the schema. */
export function component<TValue>(id: string, schema: TSchema) {
  components.push({ ...schema, $id: id } as TSchema);
  return Type.Unsafe<TValue>({ $ref: `${id}#` });
}

const Problem = component<unknown>(
  "Problem",
  Type.Object({
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: "One of docs/errors.md." }),
    fix: Type.Optional(Type.String()),
    requestId: Type.String({ description: "Named in the server's log too." }),
    errors: Type.Optional(Type.Array(object, { description: "Each mistake in a workflow, or place of a request that does not fit." })),
  }),
);
const refused = (description: string) => ({ description, content: { "application/problem+json": { schema: Problem } } });

/** What every route may answer beside what is asked for. */
export const refusals = {
  "4xx": refused("The request cannot be met; `code` and `fix` tell why."),
  "5xx": refused("Not now, or a mistake of the server; `requestId` leads to its log."),
};
