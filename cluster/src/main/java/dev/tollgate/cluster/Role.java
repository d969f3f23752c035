package dev.tollgate.cluster;

/** What a node can do. Roles are opened on a lane in this order, so that HTTP listens only when the rest answers. */
public enum Role {
    /** Prices and writes down. */
    ACCOUNTING,
    /** Talks to providers. */
    PROVIDER,
    /** Chooses deployments. */
    ROUTER,
    /** Serves HTTP. */
    GATEWAY
}
