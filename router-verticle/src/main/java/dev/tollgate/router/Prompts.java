package dev.tollgate.router;

import io.vertx.core.Future;

/** Counts the tokens of a request body, not on the event loop. */
@FunctionalInterface
interface Prompts {
    Future<Integer> tokens(byte[] body);
}
