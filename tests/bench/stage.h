#ifndef ENRICH_TESTS_BENCH_STAGE_H_
#define ENRICH_TESTS_BENCH_STAGE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/cases.h"
#include "bench/child.h"
#include "bench/floor_server.h"
#include "bench/gateway_child.h"
#include "bench/measurements.h"

namespace enrich::bench {

// What is measured.
inline constexpr char kGateway[] = "gateway";
inline constexpr char kFloor[] = "floor";
inline constexpr char kRate[] = "contacts/s";
inline constexpr char kCpu[] = "server CPU us/contact";
inline constexpr char kP50[] = "p50 ms";
inline constexpr char kP99[] = "p99 ms";

// No limit to what an account has at the provider.
inline constexpr int kManyContacts = 10'000'000;

// Where works are measured: how much of each, in which folder, and where the
// figures go.
class Stage {
 public:
  Stage(const BenchOptions& options, Measurements& out);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  const BenchOptions& options() const { return options_; }
  const std::string& folder() const { return folder_; }
  bool Wanted(const std::string& work) const;
  // At least one.
  int Scaled(int amount) const;
  // See Measurements::Add.
  void Add(const std::string& work, const std::string& subject,
           const std::string& metric, double value) {
    out_.Add(work, subject, metric, value);
  }

  // Adds what the gateway's threads have used since `before`, in a work of its
  // own: the stages that a contact goes through.
  void AddThreads(const std::string& work, const Child& gateway,
                  const std::map<std::string, absl::Duration>& before,
                  double contacts);

  // Empties the folder. Servers begin on an empty store, unless they are
  // started again.
  void EmptyFolder() const;
  absl::StatusOr<std::unique_ptr<Child>> StartFloor(
      const FloorHistory& history = {}) const;
  // The folder is this one's.
  absl::StatusOr<std::unique_ptr<Child>> StartGateway(
      const GatewaySetup& setup) const;
  absl::StatusOr<std::unique_ptr<Child>> StartGatewayAgain(
      const GatewaySetup& setup) const;

 private:
  const BenchOptions& options_;
  const std::string folder_;
  Measurements& out_;
};

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_STAGE_H_
