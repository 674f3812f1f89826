"""The parts of a soak beside the boot and the lifecycle, a file each, and the use case that puts them together."""
