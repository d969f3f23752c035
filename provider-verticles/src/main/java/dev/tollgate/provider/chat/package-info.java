/** The canonical chat model that every surface and dialect translates to and from. */
@NullMarked
package dev.tollgate.provider.chat;

import org.jspecify.annotations.NullMarked;
