# Kills the engine in the middle of a step and lets another one go on.
troupe run release.troupe.yaml > first.txt 2>&1 &
engine=$!
until grep -q "^test .* begins" ledger.txt 2>/dev/null; do sleep 0.05; done
kill -9 "$engine"
wait "$engine" 2>/dev/null || true
echo "--- the engine is dead, the test goes on without it"
cat ledger.txt

echo
echo "--- what can go on"
troupe recover list -o json | node interrupted.mjs

# The test ends while there is no engine at all.
touch go
until grep -q "^test ends" ledger.txt; do sleep 0.05; done

echo
echo "--- resumed"
troupe resume @latest -o json | node outcome.mjs

echo
echo "--- the ledger: nothing happened twice"
cat ledger.txt
