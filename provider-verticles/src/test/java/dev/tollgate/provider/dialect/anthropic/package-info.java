@NullMarked
package dev.tollgate.provider.dialect.anthropic;

import org.jspecify.annotations.NullMarked;
