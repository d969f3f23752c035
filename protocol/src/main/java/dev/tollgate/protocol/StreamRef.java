package dev.tollgate.protocol;

/**
 * Where one stream's two ends meet on the bus. The provider listens on {@link #upstream()} for {@link StreamCommand}s; the
 * gateway listens on {@link #downstream()} for {@link StreamFrame}s. No frame is sent before credit was granted, so none is lost.
 *
 * @param id unique on its node
 */
public record StreamRef(String id) {

    /** Address of the provider's end. */
    public String upstream() {
        return "tollgate.stream.up." + id;
    }

    /** Address of the gateway's end. */
    public String downstream() {
        return "tollgate.stream.down." + id;
    }
}
