/** OpenAI and everything shaped like it, Azure included. */
@NullMarked
package dev.tollgate.provider.dialect.openai;

import org.jspecify.annotations.NullMarked;
