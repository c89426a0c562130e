# The plan says what four workers can make of 36 workstreams; the run shows that they do.
troupe plan workstreams.troupe.yaml --max-workers 4 -o json | node figures.mjs
echo
troupe run workstreams.troupe.yaml --max-workers 4 -o json | node measure.mjs
