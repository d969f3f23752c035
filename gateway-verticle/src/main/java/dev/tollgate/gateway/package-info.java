/** HTTP ingress: the server, and which requests are calls to a model. */
@NullMarked
package dev.tollgate.gateway;

import org.jspecify.annotations.NullMarked;
