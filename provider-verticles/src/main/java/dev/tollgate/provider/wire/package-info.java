/** What a dialect and a client-facing wire format must be able to do, and the JSON and event-stream tools they share. */
@NullMarked
package dev.tollgate.provider.wire;

import org.jspecify.annotations.NullMarked;
