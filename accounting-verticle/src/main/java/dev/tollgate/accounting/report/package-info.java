/** What was spent, in the shapes of LiteLLM's endpoints. */
@NullMarked
package dev.tollgate.accounting.report;

import org.jspecify.annotations.NullMarked;
