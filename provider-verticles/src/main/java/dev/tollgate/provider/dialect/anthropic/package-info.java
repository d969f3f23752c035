/** Anthropic Messages, as a dialect and as a surface. */
@NullMarked
package dev.tollgate.provider.dialect.anthropic;

import org.jspecify.annotations.NullMarked;
