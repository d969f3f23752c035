package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CopyistTest {
    private final AtomicInteger copies = new AtomicInteger();

    private static void within(Semaphore begun) throws InterruptedException {
        assertThat(begun.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void nobodyWaitsForACopyAndWhatComesMeanwhileIsInTheNext() throws Exception {
        Semaphore begun = new Semaphore(0);
        CountDownLatch slow = new CountDownLatch(1);
        Copyist copyist = new Copyist(
                () -> {
                    begun.release();
                    wait(slow);
                    copies.incrementAndGet();
                },
                0);
        copyist.due();
        within(begun);
        copyist.due();
        copyist.due();
        assertThat(copies).as("the first is still being written").hasValue(0);
        slow.countDown();
        within(begun);
        copyist.close();
        assertThat(copies).hasValue(2);
    }

    private static void wait(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatIsDueIsWrittenAtTheEndAndNothingElseIs() {
        Copyist copyist = new Copyist(copies::incrementAndGet, 1_000_000);
        copyist.due();
        copyist.due();
        copyist.close();
        assertThat(copies).hasValue(1);
        copyist.due();
        Copyist idle = new Copyist(copies::incrementAndGet, 0);
        idle.close();
        assertThat(copies).hasValue(1);
    }

    @Test
    void aCopyThatCannotBeWrittenIsNotTheLast() throws Exception {
        Semaphore begun = new Semaphore(0);
        Copyist copyist = new Copyist(
                () -> {
                    begun.release();
                    if (copies.incrementAndGet() == 1) {
                        throw new IOException("the disk is full");
                    }
                },
                0);
        copyist.due();
        within(begun);
        copyist.due();
        within(begun);
        copyist.close();
        assertThat(copies).hasValue(2);
    }
}
