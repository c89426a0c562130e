const { random } = Math;
export const values = [Math.random(), Math["random"](), random(), Math.max(1, 2), "a".localeCompare("b"), (1).toLocaleString()];
