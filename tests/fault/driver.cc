// The client of kill_loop.sh: submits batches to a gateway that is killed again
// and again, watches all results, keeps its own books of what the gateway
// acknowledged, and holds the gateway and the simulator's ledger to them.
//
//   kill_loop_driver PORT FOLDER SEED
//
// Submits until FOLDER/stop exists; by then the gateway must run for good. Then
// waits for every batch to end and checks. Exit code 1 with what is
// wrong; FOLDER/acks keeps what was acknowledged, FOLDER/personal what must not
// be in a log.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/json.h"
#include "base/mutex.h"
#include "fault/books.h"
#include "google/protobuf/util/message_differencer.h"
#include "integration/gateway_client.h"

namespace enrich {
namespace {

constexpr int kSubmitters = 2;
constexpr absl::Duration kTimeToFinish = absl::Seconds(120);

void Pause(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

// ---- Submitting -------------------------------------------------------------

class Submitter {
 public:
  Submitter(GatewayClient& client, Books& books, Refusals& refusals,
            std::string name, uint64_t seed, std::string stop_file)
      : client_(client),
        books_(books),
        refusals_(refusals),
        name_(std::move(name)),
        random_(seed),
        stop_file_(std::move(stop_file)) {}

  void Run() {
    for (int i = 0; !Stopping(); ++i) {
      SubmitOne(absl::StrCat(name_, "-", i));
      Pause(Draw(20));
    }
  }

 private:
  int Draw(int bound) {
    return static_cast<int>(random_() % static_cast<unsigned>(bound));
  }
  bool Stopping() const { return std::filesystem::exists(stop_file_); }

  void SubmitOne(const std::string& request_id) {
    v1::EnrichBatchRequest request;
    request.set_request_id(request_id);
    request.add_fields(v1::CONTACT_FIELD_WORK_EMAIL);
    if (Draw(3) == 0) request.add_fields(v1::CONTACT_FIELD_PHONE);
    Asked asked;
    const int contacts = 1 + Draw(10);
    for (int i = 0; i < contacts; ++i) {
      const v1::Contact& contact = AddContact(request_id, i, request);
      asked.marks[contact.contact_ref()] = contact.custom().at("mark");
      asked.personal.insert(contact.first_name());
      asked.personal.insert(contact.last_name());
      asked.personal.insert(contact.company_name());
      asked.personal.insert(contact.company_domain());
    }
    books_.Tried(request_id, std::move(asked));
    // Some give up after an error; the gateway may have the batch or not.
    const bool persistent = Draw(4) != 0;
    do {
      v1::EnrichBatchResponse response;
      const grpc::Status status = client_.EnrichBatch(request, response);
      refusals_.Take(status);
      if (status.ok()) {
        return books_.Acknowledged(request_id, response.batch().batch_id());
      }
      Pause(10);
    } while (persistent && !Stopping());
  }

  // Somebody nobody else asks for. No log has these names by chance.
  const v1::Contact& AddContact(const std::string& request_id, int index,
                                v1::EnrichBatchRequest& request) {
    static constexpr const char* kLastNames[] = {"Fôund",          "Onlyenrow",
                                                 "Onlyfullenrich", "Notfound",
                                                 "Castell",        "Ferrantis"};
    v1::Contact& contact = *request.add_contacts();
    contact.set_contact_ref(absl::StrCat("c", index));
    contact.set_first_name("Verísima");
    contact.set_last_name(kLastNames[Draw(std::size(kLastNames))]);
    contact.set_company_name(absl::StrCat("Co \"", request_id, "\" & ", index));
    contact.set_company_domain(
        absl::StrCat("co-", request_id, "-", index, ".example"));
    (*contact.mutable_custom())["mark"] = absl::StrCat(request_id, "/", index);
    return contact;
  }

  GatewayClient& client_;
  Books& books_;
  Refusals& refusals_;
  const std::string name_;
  std::mt19937_64 random_;
  const std::string stop_file_;
};

// ---- Watching ---------------------------------------------------------------

// Watches everything from the first event on, across all restarts.
class Observer {
 public:
  explicit Observer(GatewayClient& client) : client_(client) {}

  void Run() {
    while (!stopping_) {
      v1::WatchResultsRequest request =
          token_.empty() ? WatchFromOldest("") : WatchAfter("", token_);
      const auto watcher = client_.Watch(request, absl::Seconds(5));
      watcher->ReadUntil([this](const Watcher& stream) {
        Take(stream);
        return stopping_.load();
      });
      if (!watcher->token.empty()) token_ = watcher->token;
      ++streams_;
      taken_ = 0;
      Pause(5);
    }
  }
  void Stop() { stopping_ = true; }

  std::vector<v1::ResultEvent> events() const {
    MutexLock lock(&mu_);
    return events_;
  }
  int streams() const { return streams_; }

 private:
  void Take(const Watcher& stream) {
    MutexLock lock(&mu_);
    for (; taken_ < stream.events.size(); ++taken_) {
      events_.push_back(stream.events[taken_]);
    }
  }

  GatewayClient& client_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> streams_ = 0;
  // Of the thread that runs.
  std::string token_;
  size_t taken_ = 0;
  mutable Mutex mu_;
  std::vector<v1::ResultEvent> events_ ABSL_GUARDED_BY(mu_);
};

// ---- Checking ---------------------------------------------------------------

// Everything that is wrong.
class Verdict {
 public:
  void Expect(bool condition, const std::string& otherwise) {
    if (condition) return;
    if (++mistakes_ <= 20) std::cerr << "WRONG: " << otherwise << std::endl;
  }
  bool ok() const { return mistakes_ == 0; }

 private:
  int mistakes_ = 0;
};

// Holds the events of one batch to the rules of the API and to what was asked.
void CheckBatch(const Asked& asked, const std::string& request_id,
                const std::vector<v1::ResultEvent>& events, Verdict& verdict) {
  std::map<std::string, int64_t> latest;
  int finishes = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    const v1::ResultEvent& event = events[i];
    const std::string where = absl::StrCat(request_id, " event ", i + 1, ": ");
    verdict.Expect(event.sequence() == static_cast<int64_t>(i + 1),
                   where + "a gap or a repeat");
    if (event.has_batch_finished()) {
      ++finishes;
      verdict.Expect(latest.size() == asked.marks.size(),
                     where + "finished before all contacts were");
      continue;
    }
    const v1::ContactResult& result = event.contact_result();
    const auto mark = asked.marks.find(result.contact_ref());
    verdict.Expect(mark != asked.marks.end() &&
                       result.custom().contains("mark") &&
                       result.custom().at("mark") == mark->second,
                   where + "another contact than was asked for");
    // A second result may only correct the first.
    int64_t& before = latest[result.contact_ref()];
    verdict.Expect(event.supersedes() == before,
                   where + "a contact has two results");
    before = event.sequence();
    for (const v1::FieldResult& field : result.fields()) {
      verdict.Expect(field.outcome() != v1::LOOKUP_OUTCOME_UNSPECIFIED,
                     where + "a lookup has not ended");
    }
  }
  verdict.Expect(finishes == 1, request_id + " did not finish once");
}

// Returns how many lookups were paid for at all providers.
int64_t CheckLedger(const std::string& path, Verdict& verdict) {
  std::set<std::string> paid;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const auto entry = json::Document::Parse(line);
    verdict.Expect(entry.ok(), "a line of the ledger cannot be read");
    if (!entry.ok() || !entry->root()["accepted"].AsBool().value_or(false)) {
      continue;
    }
    for (const json::Value lookup : entry->root()["lookups"]) {
      verdict.Expect(
          paid.insert(absl::StrCat(entry->root()["provider"].AsString(), "/",
                                   lookup.AsString()))
              .second,
          absl::StrCat("paid for twice, the second time by submission ",
                       entry->root()["sequence"].ToJson()));
    }
  }
  return static_cast<int64_t>(paid.size());
}

class Auditor {
 public:
  Auditor(GatewayClient& client, std::map<std::string, Asked> asked)
      : client_(client), asked_(std::move(asked)) {}

  // Waits until every batch has ended, acknowledged or not.
  void WaitForTheEnd() {
    const absl::Time deadline = absl::Now() + kTimeToFinish;
    while (!AllFinished() && absl::Now() < deadline) Pause(100);
    verdict_.Expect(AllFinished(), "batches do not finish");
  }

  // All batches there are: those acknowledged, and of the others what was kept
  // must be whole.
  void CheckBatches() {
    std::vector<v1::Batch> batches;
    verdict_.Expect(client_.ListBatches(500, batches).ok(), "no list");
    std::set<std::string> there;
    for (const v1::Batch& batch : batches) {
      const std::string& request_id = batch.request_id();
      verdict_.Expect(there.insert(request_id).second,
                      request_id + " has two batches");
      const auto asked = asked_.find(request_id);
      if (asked == asked_.end()) {
        verdict_.Expect(false, request_id + " was never asked for");
        continue;
      }
      const std::string& batch_id = asked->second.batch_id;
      verdict_.Expect(batch_id.empty() || batch_id == batch.batch_id(),
                      request_id + " has another batch id");
      unacknowledged_ += batch_id.empty() ? 1 : 0;
      std::vector<v1::ResultEvent>& events = events_[batch.batch_id()];
      verdict_.Expect(client_.ListResults(batch.batch_id(), 1000, events).ok(),
                      "no results");
      CheckBatch(asked->second, request_id, events, verdict_);
      CountOutcomes(batch);
    }
    for (const auto& [request_id, asked] : asked_) {
      verdict_.Expect(asked.batch_id.empty() || there.contains(request_id),
                      request_id + " was acknowledged and is gone");
    }
  }

  // What was watched, across all restarts, is what is listed.
  void CheckWatched(const Observer& observer) {
    const std::vector<v1::ResultEvent> watched = observer.events();
    int64_t revision = 0;
    std::map<std::string, size_t> position;
    for (const v1::ResultEvent& event : watched) {
      verdict_.Expect(event.revision() > revision,
                      "the stream repeats or goes back");
      revision = event.revision();
      const std::vector<v1::ResultEvent>& listed = events_[event.batch_id()];
      const size_t i = position[event.batch_id()]++;
      verdict_.Expect(i < listed.size() &&
                          google::protobuf::util::MessageDifferencer::Equals(
                              listed[i], event),
                      "the stream has another event than the list");
    }
    for (const auto& [batch_id, listed] : events_) {
      verdict_.Expect(position[batch_id] == listed.size(),
                      "the stream lacks events of " + batch_id);
    }
  }

  // The contacts and what was found for them, a line each.
  void WritePersonal(const std::string& path) const {
    std::set<std::string> lines;
    for (const auto& [request_id, asked] : asked_) {
      lines.insert(asked.personal.begin(), asked.personal.end());
    }
    for (const auto& [batch_id, events] : events_) {
      for (const v1::ResultEvent& event : events) {
        for (const auto& field : event.contact_result().fields()) {
          for (const auto& email : field.emails())
            lines.insert(email.address());
          for (const auto& phone : field.phones()) lines.insert(phone.e164());
        }
      }
    }
    std::ofstream out(path);
    for (const std::string& line : lines) out << line << "\n";
  }

  size_t EventCount() const {
    size_t count = 0;
    for (const auto& [batch_id, events] : events_) count += events.size();
    return count;
  }

  // A store that cannot be used is no reason not to say when to try again.
  void CheckRefusals(const Refusals& refusals) {
    std::cout << "refused without a store: " << refusals.count()
              << ", accepted afterwards: " << refusals.accepted_after()
              << std::endl;
    verdict_.Expect(refusals.without_delay() == 0,
                    absl::StrCat(refusals.without_delay(),
                                 " refusals do not say when to try again"));
  }

  bool Conclude(const std::string& ledger_path, const Observer& observer) {
    const int64_t paid = CheckLedger(ledger_path, verdict_);
    std::cout << asked_.size() << " batches tried, " << events_.size()
              << " kept (" << unacknowledged_ << " without acknowledgement), "
              << EventCount() << " events over " << observer.streams()
              << " streams; " << paid << " lookups paid for; outcomes:";
    for (const auto& [outcome, count] : outcomes_) {
      std::cout << " " << outcome << "=" << count;
    }
    std::cout << std::endl;
    verdict_.Expect(!events_.empty() && paid > 0, "nothing happened at all");
    return verdict_.ok();
  }

 private:
  bool AllFinished() {
    std::vector<v1::Batch> batches;
    if (!client_.ListBatches(500, batches).ok()) return false;
    return std::all_of(batches.begin(), batches.end(), [](const auto& batch) {
      return batch.state() == v1::BATCH_STATE_FINISHED;
    });
  }

  void CountOutcomes(const v1::Batch& batch) {
    const v1::BatchProgress& progress = batch.progress();
    outcomes_["found"] += progress.found();
    outcomes_["not_found"] += progress.not_found();
    outcomes_["failed"] += progress.failed();
    outcomes_["unknown"] += progress.unknown();
  }

  GatewayClient& client_;
  const std::map<std::string, Asked> asked_;
  Verdict verdict_;
  std::map<std::string, std::vector<v1::ResultEvent>> events_;
  std::map<std::string, int64_t> outcomes_;
  int unacknowledged_ = 0;
};

// Late corrections may still come while the first count is taken.
void WaitUntilQuiet(const Observer& observer) {
  size_t before = 0;
  int quiet = 0;
  for (int i = 0; i < 200 && quiet < 30; ++i) {
    const size_t now = observer.events().size();
    quiet = now == before ? quiet + 1 : 0;
    before = now;
    Pause(100);
  }
}

int Run(int port, const std::string& folder, uint64_t seed) {
  const auto client = GatewayClient::Connect(port);
  Books books(folder + "/acks");
  Refusals refusals;
  Observer observer(*client);
  std::jthread watching([&observer] { observer.Run(); });
  {
    std::vector<std::jthread> submitting;
    for (int i = 0; i < kSubmitters; ++i) {
      submitting.emplace_back([&, i] {
        Submitter(*client, books, refusals, absl::StrCat("r", i), seed + i,
                  folder + "/stop")
            .Run();
      });
    }
  }
  Auditor auditor(*client, books.asked());
  auditor.WaitForTheEnd();
  WaitUntilQuiet(observer);
  observer.Stop();
  watching.join();
  auditor.CheckBatches();
  auditor.CheckWatched(observer);
  auditor.CheckRefusals(refusals);
  auditor.WritePersonal(folder + "/personal");
  return auditor.Conclude(folder + "/ledger", observer) ? 0 : 1;
}

}  // namespace
}  // namespace enrich

int main(int argc, char** argv) {
  int port = 0;
  uint64_t seed = 0;
  if (argc != 4 || !absl::SimpleAtoi(argv[1], &port) ||
      !absl::SimpleAtoi(argv[3], &seed)) {
    std::cerr << "usage: kill_loop_driver PORT FOLDER SEED" << std::endl;
    return 2;
  }
  return enrich::Run(port, argv[2], seed);
}
