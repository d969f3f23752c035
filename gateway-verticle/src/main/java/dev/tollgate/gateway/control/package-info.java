/** All that is not a call to a model: health, models, metrics, spend, the welcome page. */
@NullMarked
package dev.tollgate.gateway.control;

import org.jspecify.annotations.NullMarked;
