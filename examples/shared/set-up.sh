# What several examples do before they begin: `. ../shared/set-up.sh`. Makes `$work`, a folder that goes when the script ends.
example=$PWD
outcome=$PWD/../shared/outcome.mjs
work=$(mktemp -d "${TMPDIR:-/tmp}/troupe-example.XXXXXX")
whole_path=$PATH
trap 'PATH=$whole_path; rm -rf "$work"' EXIT

# A PATH with nothing but what the examples need, so that no coding agent of this machine is on it.
leave_agents_behind() {
  mkdir "$work/bin"
  for command in bash cat cp git mkdir node sh troupe; do ln -s "$(command -v "$command")" "$work/bin/$command"; done
  export PATH="$work/bin"
}

# new_repository SOURCE NAME MESSAGE: a copy of a folder in a repository of its own, where every commit has the same date, and goes there.
new_repository() {
  cp -R "$1" "$work/$2"
  cd "$work/$2"
  printf '%s\n' .troupe/ out/ registry/ > .gitignore
  export GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.org GIT_AUTHOR_DATE=2026-01-05T09:00:00Z
  export GIT_COMMITTER_NAME=Ann GIT_COMMITTER_EMAIL=ann@example.org GIT_COMMITTER_DATE=2026-01-05T09:00:00Z
  git init --quiet --initial-branch main
  git add .
  git commit --quiet --message "$3"
}
