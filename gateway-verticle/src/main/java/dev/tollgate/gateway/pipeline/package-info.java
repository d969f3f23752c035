/** The one way that every call to a model takes: authenticate, receive, scan, route, relay, settle. */
@NullMarked
package dev.tollgate.gateway.pipeline;

import org.jspecify.annotations.NullMarked;
