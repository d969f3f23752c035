/** The admin API: keys, users, teams and all else that has limits, with LiteLLM's fields and answers. */
@NullMarked
package dev.tollgate.accounting.desk;

import org.jspecify.annotations.NullMarked;
