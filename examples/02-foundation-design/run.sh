# Three inputs: one that takes every step, one that skips two of them, one that is refused before anything runs.
workflow=foundation-design.json

for input in office-block garden-shed; do
  echo "--- $input"
  troupe run "$workflow" --input "inputs/$input.json" -o json | node outcome.mjs
done

echo "--- three-mistakes"
set +e
troupe run "$workflow" --input inputs/three-mistakes.json 2>&1 | grep -o 'input\..*'
echo "exit ${PIPESTATUS[0]}"
