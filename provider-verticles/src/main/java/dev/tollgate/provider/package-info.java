/** Talking to providers: one verticle a provider, one package a dialect. This package does the I/O; dialects do none. */
@NullMarked
package dev.tollgate.provider;

import org.jspecify.annotations.NullMarked;
