/** Completion scripts as text. All three work from the same list, and run nothing of ours while completing. */

export interface CompletedOption {
  /** `-o` and `--output`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly choices: readonly string[];
  readonly takesValue: boolean;
  readonly takesFile: boolean;
}

export interface CompletedCommand {
  /** `["quarantine", "list"]`. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** Words that may follow. */
  readonly choices: readonly string[];
  readonly files: boolean;
}

export function bashScript(commands: readonly CompletedCommand[]): string {
  const tops = commands.filter(({ words }) => words.length === 1).map(({ words }) => words[0]);
  const cases = commands
    .toSorted((one, other) => other.words.length - one.words.length)
    .map((command) => {
      const key = command.words.length === 1 ? `"${command.words[0]} "*` : `"${command.words.join(" ")}"`;
      const names = command.options.flatMap((option) => option.names);
      return `    ${key}) words="${[...command.choices, ...names, "--help"].join(" ")}"; files=${command.files ? 1 : 0} ;;`;
    });
  const values = commands.flatMap(({ options }) => options);
  const files = unique(values.filter(({ takesFile }) => takesFile).flatMap(({ names }) => names));
  const choices = unique(
    values
      .filter((option) => option.choices.length > 0)
      .map(
        ({ names, choices: texts }) => `    ${names.join("|")}) COMPREPLY=($(compgen -W "${texts.join(" ")}" -- "$current")); return ;;`,
      ),
  );
  return `# bash completion for troupe
_troupe() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words="" files=0
  COMPREPLY=()
  case "$previous" in
${choices.join("\n")}
    ${files.join("|")}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${tops.join(" ")} help --help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ "$files" -eq 1 ]; then COMPREPLY+=($(compgen -f -- "$current")); fi
}
complete -o filenames -o bashdefault -F _troupe troupe
`;
}

export function zshScript(commands: readonly CompletedCommand[]): string {
  const tops = commands.filter(({ words }) => words.length === 1).map(({ words, summary }) => `    ${quoted(`${words[0]}:${summary}`)}`);
  const cases = commands
    .toSorted((one, other) => other.words.length - one.words.length)
    .map((command) => {
      const key = command.words.length === 1 ? `"${command.words[0]} "*` : `"${command.words.join(" ")}"`;
      const options = command.options.flatMap((option) => option.names.map((name) => zshOption(name, option)));
      const rest =
        command.choices.length > 0 ? [quoted(`*:word:(${command.choices.join(" ")})`)] : command.files ? [quoted("*:file:_files")] : [];
      return `    ${key}) _arguments ${[...options, ...rest].join(" ")} ;;`;
    });
  return `#compdef troupe
# zsh completion for troupe
_troupe() {
  local -a commands
  commands=(
${tops.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "\${words[2]} \${words[3]}" in
${cases.join("\n")}
  esac
}
compdef _troupe troupe
`;
}

function zshOption(name: string, { description, choices, takesValue, takesFile }: CompletedOption): string {
  const text = description.replace(/[[\]:]/g, " ");
  const value = choices.length > 0 ? `:value:(${choices.join(" ")})` : takesFile ? ":file:_files" : takesValue ? ":value:" : "";
  return quoted(`${name}[${text}]${value}`);
}

export function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap((command) => {
    const [first = "", second] = command.words;
    const isTop = second === undefined;
    const entry = isTop
      ? `complete -c troupe -n __fish_use_subcommand -f -a ${first} -d ${quoted(command.summary)}`
      : `complete -c troupe -n '__fish_seen_subcommand_from ${first}' -f -a ${second} -d ${quoted(command.summary)}`;
    const condition = `__fish_seen_subcommand_from ${second ?? first}`;
    const options = command.options.map((option) => fishOption(option, condition));
    const files = command.files ? [`complete -c troupe -n '${condition}' -F`] : [];
    const choices =
      isTop && command.choices.length > 0 && command.options.length > 0
        ? [`complete -c troupe -n '${condition}' -f -a '${command.choices.join(" ")}'`]
        : [];
    return [entry, ...options, ...files, ...choices];
  });
  return `# fish completion for troupe\ncomplete -c troupe -f\n${lines.join("\n")}\n`;
}

function fishOption({ names, description, choices, takesValue, takesFile }: CompletedOption, condition: string): string {
  const flags = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(" ");
  const value = choices.length > 0 ? ` -x -a '${choices.join(" ")}'` : takesFile ? " -r -F" : takesValue ? " -x" : "";
  return `complete -c troupe -n '${condition}' ${flags}${value} -d ${quoted(description)}`;
}

/** For all three shells: single quotes, with what they cannot hold taken out. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "’")}'`;
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)];
}
