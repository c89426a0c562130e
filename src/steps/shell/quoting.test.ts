import { describe, expect, test } from "vitest";
import { QuotingScanner } from "./quoting.ts";

/** Placements of every `@` in a script, with what shows behind values. */
function placements(script: string): string[] {
  const scanner = new QuotingScanner();
  const found: string[] = [];
  script.split("@").forEach((text, index) => {
    if (index > 0) found.push(scanner.place().kind);
    scanner.read(text);
  });
  scanner.finish();
  return scanner.lateProblems.length > 0 ? [...found, "late"] : found;
}

const tables: Record<string, [script: string, expected: string[]][]> = {
  "a value among words gets quotes of its own": [
    ["echo @", ["quoted"]],
    ["@ --version", ["quoted"]],
    ["echo a@b @", ["quoted", "quoted"]],
    ["A=@ B=x@ cmd", ["quoted", "quoted"]],
    ["export A=@", ["quoted"]],
    ["cat < @ > @", ["quoted", "quoted"]],
    ["if [ @ = y ]; then echo @; fi", ["quoted", "quoted"]],
    ["[[ @ == y && $x = @ ]]", ["quoted", "quoted"]],
    ["for f in @; do echo $f; done", ["quoted"]],
    ["echo $(ls @)", ["quoted"]],
    ["echo '#' @ # not a comment before", ["quoted"]],
    ["cat <(sort @)", ["quoted"]],
    ["grep x <<< @", ["quoted"]],
    ["case @ in a) echo @ ;; (b) x;; esac; echo @", ["quoted", "quoted", "quoted"]],
    ["echo $(case @ in a) echo @ ;; esac) @", ["quoted", "quoted", "quoted"]],
    ["sh -c 'echo \"$1\"' -- @", ["quoted"]],
    ["python3 tool.py -c @", ["quoted"]],
    ["echo > @ 2> @ &> @", ["quoted", "quoted", "quoted"]],
    ["echo 2>&1 @ | grep @ && echo @", ["quoted", "quoted", "quoted"]],
    ["echo eval @", ["quoted"]],
    ["a \\\n  @", ["quoted"]],
    ["printf '%s' @", ["quoted"]],
    ["x() { echo @; }", ["quoted"]],
    ["echo @ | bash script.sh", ["quoted"]],
    ["echo x | sh; echo @", ["quoted"]],
  ],
  "a value in double quotes or an open here-document gets none": [
    ['echo "a @ b"', ["bare"]],
    ['echo "$(ls @)" @', ["quoted", "quoted"]],
    ['echo "$(ls "@")"', ["bare"]],
    ['echo "it\'s @"', ["bare"]],
    ['echo "\\"@"', ["bare"]],
    ["cat <<EOF\nHello '@'\nEOF\necho @", ["bare", "quoted"]],
    ["cat <<-EOF\n\tx @\n\tEOF\necho @", ["bare", "quoted"]],
    ["cat <<A <<B\n@\nA\n@\nB\necho @", ["bare", "bare", "quoted"]],
    ["cat <<EOF\nEOF @\nEOF\n@", ["bare", "quoted"]],
    ["echo # it's @\necho @", ["bare", "quoted"]],
  ],
  "a value where nothing is expanded is refused": [
    ["echo '@'", ["refused"]],
    ["echo $'a@'", ["refused"]],
    ["cat <<'EOF'\n@\nEOF\necho @", ["refused", "quoted"]],
    ['cat <<"EOF"\n@\nEOF', ["refused"]],
    ["cat <<\\EOF\n@\nEOF", ["refused"]],
    ["echo \\@", ["refused"]],
    ["echo $@", ["refused"]],
    ["echo `ls @`", ["refused"]],
  ],
  "a value that would be read as code is refused": [
    ["eval @", ["refused"]],
    ['eval "echo @"', ["refused"]],
    ["command eval @", ["refused"]],
    ["sh -c @", ["refused"]],
    ["sh -c -v @", ["refused"]],
    ["sh -c -- @", ["refused"]],
    ['bash -euc "echo @"', ["refused"]],
    ['sudo -u x bash -c "@"', ["refused"]],
    ["find . -exec sh -c @ \\;", ["refused"]],
    ['python3 -c "print(@)"', ["refused"]],
    ["ssh host @", ["refused"]],
    ["trap @ EXIT", ["refused"]],
    ["bash <<EOF\necho @\nEOF", ["refused"]],
    ["bash <<< @", ["refused"]],
    ["echo @ | sh", ["quoted", "late"]],
    ["echo @ | tee x | bash", ["quoted", "late"]],
    ["echo @ | sudo bash -eu", ["quoted", "late"]],
    ["(echo @) | sh", ["quoted", "late"]],
    ["cat <<EOF | bash\necho @\nEOF", ["refused"]],
    ["echo $(( @ + 1 ))", ["refused"]],
    ["(( x > @ ))", ["refused"]],
    ["for (( i=0; i<@; i++ )); do :; done", ["refused"]],
    ["echo $[@]", ["refused"]],
    ["echo $\u007bx:-@}", ["refused"]],
    ['echo "$\u007bx:@}"', ["refused"]],
    ["a[@]=1", ["refused"]],
    ["[[ 1 -eq @ ]]", ["refused"]],
    ["[[ @ -eq 1 ]]", ["quoted", "late"]],
    ["[[ -v @ ]]", ["refused"]],
    ["test -v @", ["refused"]],
    ["printf -v @ x", ["refused"]],
    ["unset @", ["refused"]],
    ["read @", ["refused"]],
    ["export @", ["refused"]],
    ["declare @=1", ["refused"]],
    ["let @", ["refused"]],
    ["echo x >& @", ["refused"]],
    ["eval >|log echo @", ["refused"]],
    ["eval 2>| log echo @", ["refused"]],
    ["echo \\>& eval @", ["refused"]],
    ["echo \\<& eval @", ["refused"]],
    ["echo \\>| eval @", ["refused"]],
    ["echo x >&1@", ["refused"]],
    ["cat <&@", ["refused"]],
  ],
};

for (const [name, rows] of Object.entries(tables)) {
  describe(name, () => {
    test.each(rows)("%s", (script, expected) => expect(placements(script)).toEqual(expected));
  });
}
