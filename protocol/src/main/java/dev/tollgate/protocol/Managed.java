package dev.tollgate.protocol;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.stream.Stream;

/** What an admin request came to. */
public sealed interface Managed {

    /**
     * It was done, or refused in a shape of its own (FastAPI's {@code detail}).
     *
     * @param status HTTP status
     * @param json the body
     * @param unreached nodes that did not say in time that they know of the change, or where it is not in force
     * @param warnings what the caller should know although it was done: of printable ASCII, few and short, as they become a header
     */
    record Done(int status, Buffer json, List<String> unreached, List<String> warnings) implements Managed {
        public Done {
            unreached = List.copyOf(unreached);
            warnings = List.copyOf(warnings);
        }

        /** The same with more nodes that did not. */
        public Done with(List<String> more) {
            return more.isEmpty()
                    ? this
                    : new Done(
                            status,
                            json,
                            Stream.concat(unreached.stream(), more.stream()).toList(),
                            warnings);
        }

        /** The same with these warnings. */
        public Done warning(List<String> of) {
            return new Done(status, json, unreached, of);
        }

        /** Nothing to warn of. */
        public Done(int status, Buffer json, List<String> unreached) {
            this(status, json, unreached, List.of());
        }

        /** All know. */
        public Done(int status, Buffer json) {
            this(status, json, List.of());
        }
    }

    /**
     * It was refused.
     *
     * @param failure why
     */
    record Refused(Failure failure) implements Managed {}
}
