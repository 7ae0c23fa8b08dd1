// The OTLP receiver of the OpenTelemetry Collector (v0.165.0), and nothing behind it: it writes each request that it took, of
// traces, metrics or logs, as one line of OTLP JSON on stdout. The first line is empty and says that it listens. It stores nothing.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

func main() {
	endpoint := flag.String("endpoint", "127.0.0.1:4318", "where it listens, for OTLP over HTTP")
	flag.Parse()
	if err := receive(*endpoint); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func receive(endpoint string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig()
	file := map[string]any{"protocols": map[string]any{"http": map[string]any{"endpoint": endpoint}}}
	if err := confmap.NewFromStringMap(file).Unmarshal(config); err != nil {
		return err
	}
	var out sync.Mutex
	write := func(line []byte, err error) error {
		if err != nil {
			return err
		}
		out.Lock()
		defer out.Unlock()
		_, err = fmt.Printf("%s\n", line)
		return err
	}
	traces, err := consumer.NewTraces(func(_ context.Context, got ptrace.Traces) error {
		return write((&ptrace.JSONMarshaler{}).MarshalTraces(got))
	})
	if err != nil {
		return err
	}
	metrics, err := consumer.NewMetrics(func(_ context.Context, got pmetric.Metrics) error {
		return write((&pmetric.JSONMarshaler{}).MarshalMetrics(got))
	})
	if err != nil {
		return err
	}
	logs, err := consumer.NewLogs(func(_ context.Context, got plog.Logs) error {
		return write((&plog.JSONMarshaler{}).MarshalLogs(got))
	})
	if err != nil {
		return err
	}
	// All are one receiver: the factory keeps it by its configuration.
	settings := receivertest.NewNopSettings(factory.Type())
	receiver, err := factory.CreateTraces(ctx, settings, config, traces)
	if err != nil {
		return err
	}
	if _, err := factory.CreateMetrics(ctx, settings, config, metrics); err != nil {
		return err
	}
	if _, err := factory.CreateLogs(ctx, settings, config, logs); err != nil {
		return err
	}
	if err := receiver.Start(ctx, componenttest.NewNopHost()); err != nil {
		return err
	}
	if err := write(nil, nil); err != nil {
		return err
	}
	<-ctx.Done()
	return receiver.Shutdown(context.Background())
}
