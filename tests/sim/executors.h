#ifndef ENRICH_TESTS_SIM_EXECUTORS_H_
#define ENRICH_TESTS_SIM_EXECUTORS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "base/executor.h"
#include "sim/world.h"

namespace enrich::sim {

// An executor whose every task is an event of the world: in order among
// themselves, in any order with what is due elsewhere, and up to `slowness`
// late.
class SimExecutor final : public Executor {
 public:
  SimExecutor(World& world, absl::Duration slowness)
      : queue_(std::make_shared<Queue>(world, slowness)) {}
  ~SimExecutor() override { Shutdown(); }

  void Post(Task task) override {
    PostAfter(absl::ZeroDuration(), std::move(task));
  }
  void PostAfter(absl::Duration delay, Task task) override {
    Queue& queue = *queue_;
    if (queue.shut_down) return;
    queue.tasks.emplace(std::pair(queue.world.now() + delay, queue.next++),
                        std::move(task));
    Arm(queue_);
  }
  void Shutdown() override {
    queue_->shut_down = true;
    // What is destroyed may post.
    const auto dropped = std::exchange(queue_->tasks, {});
  }

  size_t size() const { return queue_->tasks.size(); }

 private:
  struct Queue {
    Queue(World& the_world, absl::Duration the_slowness)
        : world(the_world), slowness(the_slowness) {}

    World& world;
    const absl::Duration slowness;
    std::map<std::pair<absl::Time, uint64_t>, Task> tasks = {};
    uint64_t next = 0;
    absl::Time armed = absl::InfiniteFuture();
    bool shut_down = false;
  };

  // Makes an event of the first task.
  static void Arm(const std::shared_ptr<Queue>& queue) {
    if (queue->tasks.empty()) return;
    const absl::Time due = queue->tasks.begin()->first.first;
    if (due >= queue->armed) return;
    queue->armed = due;
    World& world = queue->world;
    const absl::Duration late = absl::Microseconds(
        world.Int(0, absl::ToInt64Microseconds(queue->slowness)));
    world.At(std::max(due, world.now()) + late,
             [weak = std::weak_ptr<Queue>(queue), due] {
               const auto self = weak.lock();
               // An earlier task may have been posted since.
               if (self != nullptr && self->armed == due) RunFirst(self);
             });
  }

  static void RunFirst(const std::shared_ptr<Queue>& queue) {
    queue->armed = absl::InfiniteFuture();
    if (queue->tasks.empty()) return;
    Task task = std::move(queue->tasks.begin()->second);
    queue->tasks.erase(queue->tasks.begin());
    task();
    Arm(queue);
  }

  const std::shared_ptr<Queue> queue_;
};

// A pool whose tasks are events of the world, in no particular order.
class SimThreadPool final : public ThreadPool {
 public:
  explicit SimThreadPool(World& world)
      : world_(world), tasks_(std::make_shared<Tasks>()) {}

  void Post(Task task) override {
    const uint64_t number = next_++;
    tasks_->emplace(number, std::move(task));
    world_.After(world_.Span(absl::Microseconds(10), absl::Milliseconds(5)),
                 [weak = std::weak_ptr<Tasks>(tasks_), number] {
                   const auto tasks = weak.lock();
                   if (tasks == nullptr) return;
                   const auto found = tasks->find(number);
                   Task task = std::move(found->second);
                   tasks->erase(found);
                   task();
                 });
  }

 private:
  using Tasks = std::map<uint64_t, Task>;

  World& world_;
  uint64_t next_ = 0;
  const std::shared_ptr<Tasks> tasks_;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_EXECUTORS_H_
