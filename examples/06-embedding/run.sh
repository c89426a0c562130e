node embedding.ts
