/** Google Gemini generateContent. */
@NullMarked
package dev.tollgate.provider.dialect.gemini;

import org.jspecify.annotations.NullMarked;
