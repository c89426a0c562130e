import { describe, expect, test } from "vitest";
import { signatureHeaders } from "./sign.ts";

describe("a signature", () => {
  test("is the one that the specification's own example has", async () => {
    const headers = await signatureHeaders("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
    });
    expect(headers).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("needs a key that nobody guesses", async () => {
    const signed = { id: "i", timestamp: 1, body: "" };
    for (const secret of ["", "short", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%%%%%%%%%%%%%%%%%%%%%%"])
      await expect(signatureHeaders(secret, signed)).rejects.toMatchObject({ code: "SIGNING_KEY", class: "validation" });
    await expect(signatureHeaders("a plain text of some length", signed)).resolves.toMatchObject({ "webhook-id": "i" });
  });
});
