/** The head of a table: the name of each column, with its class where it has one. */
export function Heads({ of }: { readonly of: readonly (string | readonly [name: string, style: string])[] }) {
  return (
    <thead>
      <tr>
        {of.map((head) => {
          const [name, style] = typeof head === "string" ? [head] : head;
          return (
            <th key={name} scope="col" class={style}>
              {name}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
