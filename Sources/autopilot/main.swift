print("autopilot")
