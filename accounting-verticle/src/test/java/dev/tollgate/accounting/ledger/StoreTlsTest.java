package dev.tollgate.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.config.StoreUrl;
import dev.tollgate.config.StoreUrl.Kind;
import io.vertx.core.Vertx;
import io.vertx.core.net.SelfSignedCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A PostgreSQL behind something that speaks TLS for it, with a certificate for {@code localhost} that only its own file vouches for. */
class StoreTlsTest {
    @RegisterExtension
    static final Stores STORES = new Stores(Kind.POSTGRESQL);

    private final Vertx vertx = Vertx.vertx();
    private final SelfSignedCertificate certificate = SelfSignedCertificate.create("localhost");
    private final AtomicInteger encrypted = new AtomicInteger();
    private final SSLContext tls;
    private ServerSocket listener;

    StoreTlsTest() throws NoSuchAlgorithmException {
        tls = SSLContext.getInstance("TLS");
    }

    @BeforeEach
    void listen() throws Exception {
        tls.init(certificate.keyCertOptions().getKeyManagerFactory(vertx).getKeyManagers(), null, null);
        listener = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
        Thread.ofVirtual().start(() -> {
            while (!listener.isClosed()) {
                try {
                    Socket client = listener.accept();
                    Thread.ofVirtual().start(() -> serve(client));
                } catch (IOException _) {
                    // The test is over.
                }
            }
        });
    }

    @AfterEach
    void end() throws Exception {
        listener.close();
        vertx.close().await(20, TimeUnit.SECONDS);
        certificate.delete();
    }

    /** The client's first message asks for TLS (length 8, then 80877103), or begins without it. */
    private void serve(Socket client) {
        try (client;
                Socket server = new Socket("127.0.0.1", STORES.server().port())) {
            byte[] head = client.getInputStream().readNBytes(8);
            Socket open = client;
            if (ByteBuffer.wrap(head).getInt(4) == 80_877_103) {
                client.getOutputStream().write('S');
                SSLSocket secured =
                        (SSLSocket) tls.getSocketFactory().createSocket(client, InputStream.nullInputStream(), true);
                secured.setUseClientMode(false);
                secured.startHandshake();
                encrypted.incrementAndGet();
                open = secured;
            } else {
                server.getOutputStream().write(head);
            }
            Socket there = open;
            Thread.ofVirtual().start(() -> copy(server, there));
            copy(there, server);
        } catch (IOException _) {
            // A client that does not like the certificate goes away.
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException _) {
            // One side is gone; the other one is closed.
        }
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, sslmode=disable,                          0",
        "localhost, sslmode=prefer,                           1",
        "127.0.0.1, sslmode=require,                          1",
        "127.0.0.1, sslmode=verify-ca&sslrootcert=FILE,       1",
        "127.0.0.1, sslmode=require&sslrootcert=FILE,         1",
        "localhost, sslmode=verify-full&sslrootcert=FILE,     1",
        "localhost, sslaccept=strict&sslcert=FILE,            1",
        "127.0.0.1, sslmode=verify-full&sslrootcert=FILE,    -1",
        "localhost, sslmode=verify-ca,                       -1",
        "localhost, sslmode=verify-full,                     -1",
    })
    void whatIsAskedOfTheServerIsWhatItMustShow(String host, String query, int connections) {
        String url = STORES.fresh().replace("127.0.0.1:" + STORES.server().port(), host + ":" + listener.getLocalPort())
                + "?" + query.replace("FILE", certificate.certificatePath());
        try (Ledger ledger = ServerLedger.of(StoreUrl.parse(url))) {
            if (connections < 0) {
                assertThatThrownBy(() -> ledger.position("file"))
                        .isInstanceOf(StoreException.class)
                        .hasMessageContaining("do not agree on TLS")
                        .hasMessageContaining("sslrootcert");
            } else {
                assertThat(ledger.position("file")).isZero();
                assertThat(encrypted).hasValue(connections);
            }
        }
    }
}
