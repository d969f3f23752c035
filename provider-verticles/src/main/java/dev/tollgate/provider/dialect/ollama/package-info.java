/** Ollama chat, generate and embed. */
@NullMarked
package dev.tollgate.provider.dialect.ollama;

import org.jspecify.annotations.NullMarked;
