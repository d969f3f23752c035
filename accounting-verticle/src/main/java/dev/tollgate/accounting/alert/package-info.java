/** Tells people what they should look at. */
@NullMarked
package dev.tollgate.accounting.alert;

import org.jspecify.annotations.NullMarked;
