# Mends the types of a project twice: on a machine without coding agents, and on one where `claude` is on the PATH.
example=$PWD
troupe test fix-type-errors.test.yaml

work=$(mktemp -d "${TMPDIR:-/tmp}/troupe-example.XXXXXX")
trap 'PATH=$path; rm -rf "$work"' EXIT

# A PATH with nothing but what this needs, so that no coding agent of this machine is on it.
path=$PATH
mkdir "$work/bin"
for command in bash cat cp git mkdir node sh troupe; do ln -s "$(command -v "$command")" "$work/bin/$command"; done
export PATH="$work/bin"

# The project in a repository of its own, where every commit has the same date.
set_up() {
  cp -R "$example/project" "$work/$1"
  cd "$work/$1"
  printf '%s\n' .troupe/ out/ > .gitignore
  export GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.org GIT_AUTHOR_DATE=2026-01-05T09:00:00Z
  export GIT_COMMITTER_NAME=Ann GIT_COMMITTER_EMAIL=ann@example.org GIT_COMMITTER_DATE=2026-01-05T09:00:00Z
  git init --quiet --initial-branch main
  git add .
  git commit --quiet --message "A shop without types"
}

echo "--- no agent on the PATH: a local tool does the work"
set_up without
node scripts/checker.mjs src --tap || true
troupe tools why --needs code-edit --router "$example/router.yaml"
troupe run "$example/fix-type-errors.troupe.yaml" -o json | node "$example/outcome.mjs"
echo
cat out/types.md
echo
git diff --stat "$(git rev-list --max-parents=0 HEAD)" HEAD
cat src/invoice.ts

echo
echo "--- an agent on the PATH: it is preferred"
PATH=$example/agents:$PATH
set_up with
troupe tools why --needs code-edit --router "$example/router.yaml"
troupe run "$example/fix-type-errors.troupe.yaml" -o json | node "$example/outcome.mjs"
