/** The built-in model that repeats what it is told. */
@NullMarked
package dev.tollgate.provider.dialect.echo;

import org.jspecify.annotations.NullMarked;
