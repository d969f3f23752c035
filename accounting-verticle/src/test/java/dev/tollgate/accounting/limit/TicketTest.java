package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class TicketTest {
    /** A pass over a megabyte takes as long as all the rest of its admission. */
    @Test
    void readsABodyOnceButAnotherOneAgain() {
        Ticket ticket = new Ticket(new Concerned(List.of()), false);
        Buffer body = Buffer.buffer("{\"image_url\":1}");
        PromptBound bound = ticket.bound(body);
        assertThat(bound).isEqualTo(new PromptBound(15, 1, false));
        assertThat(ticket.bound(body)).isSameAs(bound);
        Buffer longer = Buffer.buffer("{\"image_url\":1,\"x\":2}");
        assertThat(ticket.bound(longer)).isEqualTo(new PromptBound(21, 1, false));
    }
}
