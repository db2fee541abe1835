package handlers

import (
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"cutroom/internal/fault"
)

// metrics are a node's numbers for Prometheus, in a registry of their own.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	inFlight  prometheus.Gauge
}

func newMetrics(pool *pgxpool.Pool) *metrics {
	m := &metrics{
		registry:  prometheus.NewRegistry(),
		requests:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cutroom_http_requests_total", Help: "Requests answered."}, []string{"route", "method", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cutroom_http_request_seconds", Help: "Time from request to the end of the answer.", Buckets: prometheus.DefBuckets}, []string{"route"}),
		inFlight:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "cutroom_http_in_flight", Help: "Requests being answered, sockets included."}),
	}
	m.registry.MustRegister(m.requests, m.durations, m.inFlight, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.pool("acquired", "Connections in use.", func() float64 { return float64(pool.Stat().AcquiredConns()) })
	m.pool("idle", "Connections that wait for work.", func() float64 { return float64(pool.Stat().IdleConns()) })
	m.pool("max", "Connections that there may be.", func() float64 { return float64(pool.Stat().MaxConns()) })
	m.pool("empty_acquires", "Requests for a connection that had to wait, since the start.", func() float64 { return float64(pool.Stat().EmptyAcquireCount()) })
	return m
}

func (m *metrics) pool(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "cutroom_db_pool_" + name, Help: help}, read))
}

var methods = map[string]bool{"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "OPTIONS": true}

// observe counts a request. Labels are bounded: the route's pattern, never the path; made-up methods are one.
func (m *metrics) observe(pattern, method string, status int, took time.Duration) {
	if !methods[method] {
		method = "other"
	}
	m.requests.WithLabelValues(pattern, method, strconv.Itoa(status)).Inc()
	if status != http.StatusSwitchingProtocols {
		m.durations.WithLabelValues(pattern).Observe(took.Seconds())
	}
}

// Registry lets other parts of a node add their numbers. Call it after Handler.
func (s *Server) Registry() *prometheus.Registry { return s.metrics.registry }

// MetricsHandler serves the numbers to anybody: for a listener of its own that only the monitoring reaches.
func (s *Server) MetricsHandler() http.Handler {
	return promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{})
}

// metricsPage serves the numbers to who sends a token of somebody who sees the nodes.
func (s *Server) metricsPage(w http.ResponseWriter, r *http.Request) error {
	x := exchangeOf(r.Context())
	if !x.bearer || s.seesNodes(r.Context(), x.who) != nil {
		return fault.Gone()
	}
	s.MetricsHandler().ServeHTTP(w, r)
	return nil
}
