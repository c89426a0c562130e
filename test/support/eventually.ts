/**
 * Repeats a look at the world until it passes; its own error when the time is up. The time is for a machine that does a lot besides:
 * it costs only those who wait in vain.
 */
export async function eventually<T>(look: () => T | Promise<T>, withinMs = 10_000): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
