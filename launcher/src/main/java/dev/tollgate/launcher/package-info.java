/** The program: command line, configuration, lanes, shutdown. */
@NullMarked
package dev.tollgate.launcher;

import org.jspecify.annotations.NullMarked;
