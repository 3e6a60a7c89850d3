#ifndef ENRICH_TESTS_SIM_JOURNAL_H_
#define ENRICH_TESTS_SIM_JOURNAL_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/chunk.h"
#include "sim/world.h"
#include "store/store.h"

namespace enrich::sim {

// What is durable, as seen from outside: every write that was committed, in
// order. It outlives the gateway's instances, as the file does.
class Journal {
 public:
  // An attempt at a chunk, as last committed.
  struct AttemptRow {
    ChunkAttempt attempt = {};
    LaneKey lane = {};
    // What this attempt sent, in order.
    std::vector<WorkItem> items = {};
    // Whether it is over though the provider has not spoken of all of them:
    // what they cost is not known.
    bool given_up = false;
  };
  // The contacts of a batch have the keys first .. first + contacts - 1.
  struct BatchRow {
    std::string tenant = {};
    std::string id = {};
    std::string request_id = {};
    int64_t first_contact_key = 0;
    int64_t contacts = 0;
  };
  using Attempts = std::map<std::string, AttemptRow, std::less<>>;

  explicit Journal(World& world) : world_(world) {}

  void OnBatch(const CreatedBatch& created);
  // The chunk of a write, as it was given to the store.
  void OnChunk(Chunk chunk, const Written& written);
  void OnInbox(int64_t attempt_key, std::string body_hash);

  // By reference.
  const Attempts& attempts() const { return attempts_; }
  // Null for none.
  const AttemptRow* FindByToken(absl::string_view token_hash) const;
  // By key.
  const std::map<int64_t, BatchRow>& batches() const { return batches_; }
  const std::map<int64_t, ChunkState>& chunks() const { return chunks_; }
  bool HasInbox(int64_t attempt_key, const std::string& body_hash) const {
    return inbox_.contains({attempt_key, body_hash});
  }
  // Whether any push was kept for the attempt.
  bool HasEvidence(int64_t attempt_key) const {
    return evidence_.contains(attempt_key);
  }
  // Chunks that will move by themselves: not over, and not parked.
  bool HasMovingChunks() const;

 private:
  // Checks the move, and that all items are the lane's tenant's.
  void CheckMove(const Chunk& chunk, int64_t key);
  void CheckTenant(const Chunk& chunk);

  World& world_;
  Attempts attempts_;
  std::map<std::string, std::string, std::less<>> reference_by_token_;
  std::map<int64_t, BatchRow> batches_;
  std::map<int64_t, ChunkState> chunks_;
  std::set<std::pair<int64_t, std::string>> inbox_;
  std::set<int64_t> evidence_;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_JOURNAL_H_
