@NullMarked
package dev.tollgate.provider.wire;

import org.jspecify.annotations.NullMarked;
