# Mends the types of a project twice: on a machine without coding agents, and on one where `claude` is on the PATH.
. ../shared/set-up.sh
troupe test fix-type-errors.test.yaml
leave_agents_behind

echo "--- no agent on the PATH: a local tool does the work"
new_repository "$example/project" without "A shop without types"
node scripts/checker.mjs src --tap || true
troupe tools why --needs code-edit --router "$example/router.yaml"
troupe run "$example/fix-type-errors.troupe.yaml" -o json | node "$outcome"
echo
cat out/types.md
echo
git diff --stat "$(git rev-list --max-parents=0 HEAD)" HEAD
cat src/invoice.ts

echo
echo "--- an agent on the PATH: it is preferred"
PATH=$example/agents:$PATH
new_repository "$example/project" with "A shop without types"
troupe tools why --needs code-edit --router "$example/router.yaml"
troupe run "$example/fix-type-errors.troupe.yaml" -o json | node "$outcome"
