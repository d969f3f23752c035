package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;

/** What a deployment charges, as far as it is known. */
@FunctionalInterface
public interface Pricing {
    /** USD for an input and an output token together; a part that is not known counts as 5 USD, as in LiteLLM. */
    double ofBothTokens(Deployment deployment);

    /** The same object as long as all prices are the same. */
    default Object edition() {
        return this;
    }
}
