/** Who may spend what: keys, users, teams and all that has limits, in memory as admission reads it. */
@NullMarked
package dev.tollgate.accounting.book;

import org.jspecify.annotations.NullMarked;
