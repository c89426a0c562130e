// `node get.mjs URL` prints what a service answers.
process.stdout.write(await (await fetch(process.argv[2])).text());
