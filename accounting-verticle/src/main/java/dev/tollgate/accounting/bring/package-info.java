/** Brings keys, people, limits and spend over from a LiteLLM database. */
@NullMarked
package dev.tollgate.accounting.bring;

import org.jspecify.annotations.NullMarked;
