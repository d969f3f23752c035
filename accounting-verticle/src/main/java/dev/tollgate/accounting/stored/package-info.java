/** Models and credentials of the admin API: sealed in the book, opened for the launcher. */
@NullMarked
package dev.tollgate.accounting.stored;

import org.jspecify.annotations.NullMarked;
