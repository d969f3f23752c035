/** Everything that writes HTTP the same way everywhere: header names, error JSON, CORS. */
@NullMarked
package dev.tollgate.gateway.http;

import org.jspecify.annotations.NullMarked;
