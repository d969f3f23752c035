/** Whether a call may be made: budgets and rate limits, set aside before it and corrected after it. */
@NullMarked
package dev.tollgate.accounting.limit;

import org.jspecify.annotations.NullMarked;
