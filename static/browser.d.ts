// What browsers have and the compiler's library does not know yet.

interface TrustedTypePolicyLike {
  createScriptURL(url: string): unknown;
}

declare var trustedTypes:
  | {
      createPolicy(
        name: string,
        rules: { createScriptURL: (url: string) => string },
      ): TrustedTypePolicyLike;
    }
  | undefined;
